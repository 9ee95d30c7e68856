"""Import data sets through the product and write what its reports say of them."""

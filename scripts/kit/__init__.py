"""Set-up and launch of the suite: plain Python of the standard library, one step per module."""

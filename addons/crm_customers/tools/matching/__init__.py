"""Who is who: normal forms of names and numbers, blocking, evidence, suggestions. No database."""

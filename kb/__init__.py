"""The casebook: entries, and the code that loads, checks, searches and weighs them."""

"""A trained model in the forms that other programs open, each read back and compared before it counts as done."""

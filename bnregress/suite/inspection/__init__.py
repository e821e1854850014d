"""What `bnregress check` asks of an environment or of a person's own model, with TensorFlow and numpy alone."""

"""What `bnregress check` asks of an environment or of your own model, with TensorFlow and numpy alone."""

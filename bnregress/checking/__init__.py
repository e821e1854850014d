"""`bnregress check`: one environment, or one person's own model in it."""

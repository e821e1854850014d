"""The engine of `bnregress run`: environments, sessions, their supervision, and what comes back."""

"""Loads networks of Keras and LiteRT as one kind of function, from frames to probabilities."""

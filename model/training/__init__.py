"""Trains the network of a recipe."""

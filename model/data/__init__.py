"""Training data: MNIST, corrections, and what is generated."""

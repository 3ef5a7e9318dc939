"""Evaluates networks: metrics, figures, reports and the model card."""

"""Constructions, bounds and exact checks for memorising and additive fine-tuning with small ReLU networks."""

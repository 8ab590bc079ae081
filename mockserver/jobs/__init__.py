"""Fine-tuning jobs: creation, training by the clock, results."""

"""The suite behind `benchmarks/run.py`: what is measured, how it is run, and what is made of it."""

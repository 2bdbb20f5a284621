"""Measures the real bot against local servers: `python -m tests.bench` prints and writes `build/bench.json`."""

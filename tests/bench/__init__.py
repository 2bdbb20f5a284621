"""Measures the real bot against local servers: `python -m tests.bench`, into `build/bench.json`."""

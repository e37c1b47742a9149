"""Benchmarks: `pbe bench SUITE DIR` runs a published suite by a stated protocol and prints and saves the figures."""

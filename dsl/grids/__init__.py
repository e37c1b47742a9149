"""Languages of grids."""

"""The parts of the page "Fill a sheet": what a session keeps, the way in, the grid's events, the panel beside it."""

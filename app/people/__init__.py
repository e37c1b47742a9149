"""A listener of the pattern game fitted to people: what comes to mind, and what it says about the layout meant."""

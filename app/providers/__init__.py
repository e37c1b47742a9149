"""Language models: one file per vendor, and what stands between any of them and us."""

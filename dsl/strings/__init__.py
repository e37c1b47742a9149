"""The string language: tokens, text operators, and the grammar that a task calls for."""

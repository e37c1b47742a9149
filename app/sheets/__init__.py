"""What a person does to a sheet on screen, without the screen: edit, paste, undo, learn, accept, download."""

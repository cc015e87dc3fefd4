"""Pictures of the window in every state, from a real short run: what people look at before a release."""

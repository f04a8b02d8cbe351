"""The pages of the ownership room."""

"""What went wrong, from the first signal to what keeps coming back; a wing for each step."""

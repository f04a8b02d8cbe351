"""Commands of the incidents room."""

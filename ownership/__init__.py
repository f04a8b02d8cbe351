"""Who answers for what, and how to reach them."""

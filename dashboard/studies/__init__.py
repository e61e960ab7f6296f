"""User studies: what a researcher designs, who is assigned to what, and a participant's way through."""

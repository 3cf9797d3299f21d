"""The licences that are kept, and the inbox."""

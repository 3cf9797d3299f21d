"""The screens, as an accountant sees them in a notebook. A form is a plain object (`import_client_licence`), its screen shows it."""

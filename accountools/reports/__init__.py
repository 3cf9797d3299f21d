"""What is shown: the audit and its history, charts, papers, dossiers."""

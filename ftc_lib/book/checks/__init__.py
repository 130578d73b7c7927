"""What the checks of each chapter do: every function returns (holds, evidence), or what several of them measure."""

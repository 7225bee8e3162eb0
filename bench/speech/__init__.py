"""What the embedded synthesiser says, held against what is written and against what another recogniser hears."""

"""May I go on: answers from results, held against what is known or against another release."""

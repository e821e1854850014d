"""Pass or fail for CI: answers from results, compared with what is known or against another release."""

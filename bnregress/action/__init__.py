"""The GitHub Action: reads its inputs, drives the command line, tells GitHub what came out."""

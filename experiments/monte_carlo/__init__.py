"""Many runs of one scenario: draws, the batch that runs them, and the store that keeps them.

``store`` describes the folder and reads it, ``design`` draws the inputs, ``pair`` makes one run, ``work`` writes the runs
of a task, ``batch`` hands out the tasks and resumes.
"""

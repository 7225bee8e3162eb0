"""What a caller may do how often, and what counts as doing the same thing twice: token buckets and repeated requests.

Pure: time comes in as a number of seconds, and nothing here waits or remembers beyond the values it is given. It must
never know what a request contains nor where its answers are kept.
"""

"""What participants of studies meet: an application of its own under ``/s/``, and what its pages send."""

//! Foreign formats, written: one module per format.

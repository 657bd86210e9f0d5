#![no_main]
//! What comes in at the socket of the process that holds the keys.

use beffroi_api::agent::{MOST_REQUEST, Request, read_frame, read_request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for most in [64, MOST_REQUEST] {
        let mut rest = bytes;
        while let Ok(Some((content, taken))) = read_frame(rest, most) {
            assert!(!content.is_empty() && content.len() <= most && taken == content.len() + 4);
            request(content);
            rest = &rest[taken..];
        }
    }
    request(bytes);
});

fn request(content: &[u8]) {
    if let Ok(Request::Command { request, command, .. }) = read_request(content) {
        assert!(request.get().len() <= content.len() && !request.get().is_empty());
        std::hint::black_box(command.len());
    }
}

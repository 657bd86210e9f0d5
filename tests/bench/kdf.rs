//! Argon2id with a given cost and nothing else, for the benchmark `unlock`: `kdf MEMORY_KIB PASSES LANES`.

use std::error::Error;

use argon2::{Algorithm, Argon2, Params, Version};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u32>());
    let mut next = || numbers.next().ok_or("usage: kdf MEMORY_KIB PASSES LANES");
    let params = Params::new(next()??, next()??, next()??, Some(32))?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(b"measured, then forgotten", &[0; 16], &mut key)?;
    std::hint::black_box(key);
    Ok(())
}

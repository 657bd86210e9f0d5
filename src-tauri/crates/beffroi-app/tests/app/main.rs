//! The use cases on vaults of their own: what is kept, what is refused, what stays sealed.
//!
//! OpenSSH (`sshd`, `ssh-keygen`) is needed; without it these tests fail and say what to install.

mod accounts;
mod authorities;
mod beside;
mod certificate_program;
mod copies;
mod copying;
mod forged;
mod guests;
mod imports;
mod journal;
mod kit;
mod merge;
mod people;
mod private_ca;
mod recipes;
mod reports;
mod retry;
mod rotation;
mod rotation_gone;
mod runs;
mod sealed;
mod search;
mod secret_health;
mod secrets;
mod stages;
mod terminals;
mod vault;
mod ways;
mod ynh_reads;

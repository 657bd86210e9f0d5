//! The program as people and scripts see it: the built `beffroi`, real SSH servers, a stand-in for YunoHost.
//!
//! OpenSSH (`sshd`, `ssh`), Python 3, and strace with the right to trace what it starts are needed; without them these tests
//! fail and say what to install. None is skipped.

mod agent;
mod agent_hostile;
mod applications;
mod backups;
mod bans;
mod canaries;
mod commands;
mod containers;
mod contract;
mod copies;
mod cut;
mod enrolment;
mod faults;
mod files;
mod fleet;
mod host_keys;
mod hostile;
mod hosts;
mod identities;
mod integrity;
mod jobs_far;
mod journal;
mod killed;
mod link;
mod locked_out;
mod modules;
mod operations;
mod people;
mod private_ca;
mod promises;
mod recipes;
mod reference;
mod refusals;
mod refused_hosts;
mod refused_usage;
mod refused_vault;
mod refused_yunohost;
mod secrets;
mod shell;
mod slots;
mod stages;
mod sudo;
mod surveys;
mod tampered;
mod tunnel;
mod vault;
mod ways;
mod ynh_fleet;
mod yunohost;

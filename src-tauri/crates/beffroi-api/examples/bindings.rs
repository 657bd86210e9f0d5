//! Prints what is generated for the page: `bindings api` the types of the wire, `bindings commands` the table of commands,
//! `bindings ynh-operations` the one of YunoHost's operations. `./dev gen` writes each to a file of that name in
//! `ui/src/generated/`.

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]
fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("api") => print!("{}", beffroi_api::types_typescript()),
        Some("commands") => print!("{}", beffroi_api::commands_typescript()),
        Some("ynh-operations") => print!("{}", beffroi_api::operations_typescript()),
        _ => {
            eprintln!("bindings api|commands|ynh-operations");
            return std::process::ExitCode::from(2);
        }
    }
    std::process::ExitCode::SUCCESS
}

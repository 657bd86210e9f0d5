//! An empty Tauri window: no command, a page of one line. See `Cargo.toml` for what it is for.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())
}

//! Embeds the configuration and the page.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tauri_build::try_build(tauri_build::Attributes::new()).map_err(Into::into)
}

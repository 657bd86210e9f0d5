//! What is generated for the page: declarations of the wire's types in TypeScript, tables of YunoHost.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

/// The first line of what is generated for the page.
pub(crate) const GENERATED: &str = "// Generated from beffroi-api by `./dev gen`; not to be edited.\n";

/// The tables of YunoHost's operations and readings, for the page: its forms and lists are made from them.
#[must_use]
pub fn operations_typescript() -> String {
    let operations = crate::ynh_operations();
    let operations: Vec<String> = operations.iter().map(|operation| format!("  {},\n", serde_json::json!(operation))).collect();
    let readings: Vec<String> = crate::ynh_readings().iter().map(|reading| format!("  {},\n", serde_json::json!(reading))).collect();
    format!(
        "{GENERATED}\nimport type {{ YnhOperation, YnhReading }} from './api';\n\n/** Everything that can be changed on a YunoHost. */\nexport const ynhOperations: readonly YnhOperation[] = [\n{}];\n\n/** Everything that can be read of a YunoHost. */\nexport const ynhReadings: readonly YnhReading[] = [\n{}];\n",
        operations.concat(),
        readings.concat()
    )
}

/// Every type that others are made of, by its name.
pub(crate) struct Declarations<'a> {
    pub(crate) config: &'a Config,
    pub(crate) found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::name(self.config);
        let named = name.chars().next().is_some_and(char::is_uppercase) && name.chars().all(char::is_alphanumeric);
        if named && !self.found.contains_key(&name) {
            self.found.insert(name.clone(), String::new());
            let docs = T::docs().unwrap_or_default();
            self.found.insert(name, format!("{docs}export {}\n", T::decl(self.config)));
        } else if named {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

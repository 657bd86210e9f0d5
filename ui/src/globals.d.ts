/** True in builds that talk to the pretend backend (`--mode fake`); constant, so the other branch is dropped. */
declare const __FAKE__: boolean;
/** Whether the screen that shows every component is part of this build. */
declare const __DESIGN__: boolean;

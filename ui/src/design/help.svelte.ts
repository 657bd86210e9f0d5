/** The way to the guide, for what does not know where one is: errors and empty places. The shell installs it. */
class HelpDesk {
  /** Opens a chapter, at a section; null where there is no guide to go to, as at the door. */
  open = $state.raw<((chapter: string, section?: string) => void) | null>(null);
}

export const helpDesk = new HelpDesk();

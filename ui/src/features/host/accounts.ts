/** Whether YunoHost takes this as a login; the host has the last word. */
export function isLogin(text: string): boolean {
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(text);
}

export function isQuota(text: string): boolean {
  return /^(?:0|[1-9]\d*[bkMGT])$/.test(text);
}

export const administrators = 'admins';

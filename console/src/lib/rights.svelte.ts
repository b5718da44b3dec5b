/** What the one who is logged in may do: names of operations. */
export const rights = $state({ may: [] as string[] })

export const can = (operation: string): boolean => rights.may.includes(operation)

/// Many small lists of numbers in one piece of memory. A list of one number needs no room there.
struct IDBlocks: ~Copyable {
    /// A list: its number where it has one, else where its block is.
    struct List {
        fileprivate(set) var count: Int32 = 0
        fileprivate var place: Int32 = -1
    }

    private var numbers = Row<Int32>()
    /// Free blocks of two numbers, of four, and so on.
    private var free: [[Int32]] = Array(repeating: [], count: 31)

    init() {}

    mutating func append(_ number: Int32, to list: inout List) {
        defer { list.count += 1 }
        if list.count == 0 {
            list.place = number
            return
        }
        if list.count == 1 {
            let only = list.place
            list.place = block(1)
            numbers[Int(list.place)] = only
        } else if list.count & (list.count - 1) == 0 {
            // Full: a block of twice the size.
            let size = list.count.trailingZeroBitCount
            let new = block(size + 1)
            for place in 0..<list.count { numbers[Int(new + place)] = numbers[Int(list.place + place)] }
            free[size].append(list.place)
            list.place = new
        }
        numbers[Int(list.place + list.count)] = number
    }

    private mutating func block(_ size: Int) -> Int32 {
        if let found = free[size].popLast() { return found }
        numbers.append(-1, count: 1 << size)
        return Int32(numbers.count - 1 << size)
    }

    /// Removes a number that is in the list: once, where it is there more often.
    mutating func remove(_ number: Int32, from list: inout List) {
        guard list.count > 1 else {
            list = List()
            return
        }
        let end = list.place + list.count
        guard let found = (list.place..<end).first(where: { numbers[Int($0)] == number }) else { return }
        numbers[Int(found)] = numbers[Int(end - 1)]
        list.count -= 1
        if list.count == 1 {
            let only = numbers[Int(list.place)]
            free[1].append(list.place)
            list.place = only
        } else if list.count & (list.count - 1) == 0 {
            let size = list.count.trailingZeroBitCount
            let new = block(size)
            for place in 0..<list.count { numbers[Int(new + place)] = numbers[Int(list.place + place)] }
            free[size + 1].append(list.place)
            list.place = new
        }
    }

    /// Appends a list's numbers.
    @inline(__always)
    func append(_ list: List, to others: inout Row<Int32>) {
        if list.count == 1 {
            others.append(list.place)
        } else if list.count > 1 {
            others.append(numbers, from: Int(list.place), count: Int(list.count))
        }
    }

    /// Calls `body` with each number of a list.
    @inline(__always)
    func forEach(_ list: List, _ body: (Int32) -> Void) {
        if list.count == 1 {
            body(list.place)
        } else if list.count > 1 {
            for place in Int(list.place)..<Int(list.place &+ list.count) { body(numbers[place]) }
        }
    }
}
